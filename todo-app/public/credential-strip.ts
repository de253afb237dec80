import { type Credential, readCredential } from "./api";
import { find } from "./elements";

const pollIntervalMs = 2_000;

const words: Readonly<Record<Credential["status"], string>> = {
  untried: "Credential not used yet",
  accepted: "Credential accepted",
  changing: "Credential is being replaced",
};

/** Keeps the strip at the foot of the page up to date; pauses while the page is hidden. */
export function startCredentialStrip(): void {
  const strip = find(document, "#credential", HTMLElement);
  const write = (part: string, text: string) => {
    find(strip, `[data-part="${part}"]`, HTMLElement).textContent = text;
  };

  async function update(): Promise<void> {
    try {
      const { status, user, versionId, changedAt } = await readCredential();
      strip.dataset.status = status;
      write("status", words[status]);
      write("user", user === null ? "" : `user ${user}`);
      write("changed", changedAt === null ? "" : `changed ${formatTime(changedAt)}`);
      write("version", versionId === null ? "" : `version ${versionId}`);
    } catch {
      strip.dataset.status = "unknown";
      write("status", "The server does not answer");
    }
  }

  const poll = async (): Promise<void> => {
    if (!document.hidden) await update();
    setTimeout(() => void poll(), pollIntervalMs);
  };
  void poll();
}

function formatTime(iso: string): string {
  const time = new Date(iso);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? `at ${time.toLocaleTimeString()}` : `on ${time.toLocaleString()}`;
}
