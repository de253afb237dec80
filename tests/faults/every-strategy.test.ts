import { strategies } from "../support/strategies";
import { crashChecks, strategySuite } from "../support/strategy-suite";

for (const strategy of strategies) strategySuite(strategy, crashChecks);
