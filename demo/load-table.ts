import type { Sample } from "./load/load";
import { figuresOfSamples } from "./load/measurements";
import type { Screen } from "./screen";
import { type ClientName, clientNames, loads } from "./services";

type Samples = Readonly<Record<ClientName, readonly Sample[]>>;

const labelWidth = 26;
const columnWidth = 30;

/**
 * Requests, failures and latencies of each client while rotations run: a row for each rotation, counted from one
 * rotation to the next. On a terminal, the current row is redrawn in place.
 */
export class LoadTable {
  #label = "";
  #samples: Samples | undefined;
  #from: Partial<Record<ClientName, number>> = {};

  constructor(private readonly screen: Screen) {}

  begin(pageUrl: string): void {
    const rates = clientNames.map((name) => loads[name].requestsPerSecond).join(", ");
    this.screen.write(`  under load     ${rates} requests/s at three services; the page: ${pageUrl}\n`);
    const head = clientNames.map((name) => this.screen.paint("bold", name.padStart(columnWidth))).join("");
    const units = "requests  failed    p99".padStart(columnWidth).repeat(clientNames.length);
    this.screen.write(`${" ".repeat(labelWidth)}${head}\n${" ".repeat(labelWidth)}${units}\n`);
  }

  /** Ends the previous row. */
  rowStarted(what: string): void {
    this.#endRow();
    this.#label = what;
  }

  rotated(durationMs: number): void {
    this.#label = `${this.#label.padEnd(15)}${`${durationMs} ms`.padStart(8)}`;
  }

  refresh(samples: Samples): void {
    this.#samples = samples;
    if (this.screen.isTerminal && this.#label !== "") this.screen.redraw(this.#row(samples));
  }

  end(samples: Samples): void {
    this.#samples = samples;
    this.#endRow();
    this.#label = "";
  }

  #endRow(): void {
    const samples = this.#samples;
    if (!samples) return;
    if (this.#label !== "") {
      this.screen.redraw(this.#row(samples));
      this.screen.write("\n");
    }
    for (const name of clientNames) this.#from[name] = samples[name].length;
  }

  #row(samples: Samples): string {
    const cells = clientNames.map((name) => {
      const { requests, failedRequests, p99Ms } = figuresOfSamples(samples[name].slice(this.#from[name]));
      const failed = String(failedRequests).padStart(8);
      const counts = `${String(requests).padStart(columnWidth - 17)}${failedRequests > 0 ? this.screen.paint("red", failed) : failed}`;
      return `${counts}${`${Math.round(p99Ms)} ms`.padStart(9)}`;
    });
    return `  ${this.#label.padEnd(labelWidth - 2)}${cells.join("")}`;
  }
}
