import { relative } from "node:path";
import Mocha from "mocha";

const { EVENT_HOOK_END, EVENT_TEST_END } = Mocha.Runner.constants;
const shown = 10;

/** Mocha's spec reporter, followed by the files whose tests and hooks took longest. */
export = class SlowestFiles extends Mocha.reporters.Spec {
  readonly #milliseconds = new Map<string, number>();

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const add = ({ file, duration = 0 }: Mocha.Runnable) => {
      if (file === undefined) return;
      this.#milliseconds.set(file, (this.#milliseconds.get(file) ?? 0) + duration);
    };
    runner.on(EVENT_TEST_END, add).on(EVENT_HOOK_END, add);
  }

  override epilogue(): void {
    super.epilogue();
    const slowest = [...this.#milliseconds].sort(([, a], [, b]) => b - a).slice(0, shown);
    const lines = slowest.map(([file, time]) => `${(time / 1000).toFixed(1).padStart(6)} s  ${relative("", file)}`);
    console.log(["  The slowest files:", ...lines, ""].join("\n"));
  }
};
