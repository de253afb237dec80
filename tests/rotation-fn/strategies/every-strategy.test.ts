import { strategies } from "../../support/strategies";
import { stepChecks, strategySuite } from "../../support/strategy-suite";

// tests/faults/every-strategy.test.ts runs the other checks, which take longer.
for (const strategy of strategies) strategySuite(strategy, stepChecks);
