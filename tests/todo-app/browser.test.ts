import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type Page } from "playwright-core";
import type { TodoApp } from "../../local/todo-app";
import { requireOrSkip } from "../support/require-or-skip";
import { startApp } from "../support/todo-app";
import { startStack, type TestStack } from "../support/stack";
import { until } from "../support/until";

const executablePath = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";
const screenshotFile = join(__dirname, "..", "..", "docs", "todo-app.png");

describe("the todo page in Chromium", () => {
  let stack: TestStack;
  let app: TodoApp;
  const started: (() => Promise<unknown>)[] = [];
  let page: Page;
  let problems: string[] = [];

  before(async function () {
    requireOrSkip(this, existsSync(executablePath), `no Chromium at ${executablePath} (CHROMIUM_BIN)`);
    stack = await startStack({ strategy: "single-user", username: "todo" });
    started.push(() => stack.stop());
    app = await startApp(stack, { DATABASE_CONNECTION_MAX_USES: "1" });
    started.push(() => app.stop());
    const browser = await chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"].concat([
        "--disable-background-networking",
        "--disable-component-update",
      ]),
    });
    started.push(() => browser.close());
    // One window for all tests: opening one takes as long as a test.
    page = await browser.newPage({ deviceScaleFactor: 2 });
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      // A resource that fails while the service restarts is expected; a policy violation or a broken script is not.
      if (message.type() === "error" && !message.text().startsWith("Failed to load")) problems.push(message.text());
    });
  });
  after(async () => {
    for (const stop of started.reverse()) await stop(); // nothing was started if the tests are skipped
  });
  beforeEach(async () => {
    await page.setViewportSize({ width: 900, height: 560 });
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto(app.url);
    await page.locator("#todos[aria-busy=false]").waitFor({ state: "attached" });
  });
  afterEach(() => {
    assert.deepEqual(problems.splice(0), []);
  });

  const titles = () => page.locator("#todos .title").allTextContents();

  async function add(title: string): Promise<void> {
    await page.getByLabel("What needs doing?").fill(title);
    await page.keyboard.press("Enter");
    await page.locator("#todos .title").first().getByText(title, { exact: true }).waitFor();
  }

  it("adds, completes, renames and deletes a todo with the keyboard alone, and a reload shows the same", async () => {
    await add("Buy milk");
    await add("Call the bank");
    assert.equal(await page.evaluate<string>("document.activeElement.id"), "title");

    await page.keyboard.press("Tab"); // Add
    await page.keyboard.press("Tab"); // the first todo's checkbox
    await page.keyboard.press("Space");
    await page.getByRole("status").getByText("Completed: Call the bank").waitFor();
    await page.keyboard.press("Tab"); // Rename
    await page.keyboard.press("Enter");
    await page.keyboard.type("Write to the bank"); // replaces the selected title
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Renamed: Write to the bank").waitFor();
    await page.reload();
    await page.getByText("Write to the bank").waitFor();
    assert.deepEqual(await titles(), ["Write to the bank", "Buy milk"]);
    assert.equal(await page.getByRole("checkbox", { name: "Write to the bank" }).isChecked(), true);

    await page.getByRole("button", { name: "Delete Write to the bank" }).press("Enter");
    await page.getByRole("status").getByText("Deleted: Write to the bank").waitFor();
    assert.deepEqual(await titles(), ["Buy milk"]);
    assert.equal(await page.locator("#todos li:focus-within .title").textContent(), "Buy milk");
    await page.reload();
    await page.getByText("Buy milk").waitFor();
    assert.deepEqual(await titles(), ["Buy milk"]);
  });

  it("shows a title as text, whatever it contains, and says what is wrong with one", async () => {
    await add("<img src=x onerror=alert(1)> '; drop table todos; --");
    assert.equal(await page.locator("#todos img").count(), 0);
    await page.getByLabel("What needs doing?").fill("x".repeat(201));
    await page.keyboard.press("Enter");
    const problem = page.getByRole("alert");
    await problem.waitFor();
    assert.equal(await problem.textContent(), "That did not work: title must have at most 200 characters, has 201.");
    problems = []; // Chromium reports the 400 itself
  });

  it("keeps working while the credential rotates, and its strip shows the new version", async () => {
    const strip = page.locator("#credential");
    await strip.getByText("Credential accepted").waitFor();
    const before = await strip.textContent();
    for (let rotation = 1; rotation <= 3; rotation++) {
      const rotating = stack.rotate();
      await add(`During rotation ${rotation}`);
      assert.equal((await rotating).succeeded, true);
      await add(`After rotation ${rotation}`);
    }
    await until(async () => (await strip.textContent()) !== before);
    assert.match((await strip.textContent()) ?? "", /user todo\s+changed at .*\s+version [0-9a-f]{8}\s*$/);
    assert.equal(await page.getByRole("alert").count(), 0);
  });

  it("keeps working when the service restarts: what was sent meanwhile is done once", async () => {
    const port = new URL(app.url).port;
    await app.stop();
    await page.getByLabel("What needs doing?").fill("Sent while nobody listened");
    await page.keyboard.press("Enter");
    app = await startApp(stack, { PORT: port });
    await page.getByRole("status").getByText("Added: Sent while nobody listened").waitFor();
    await page.reload();
    await page.getByText("Sent while nobody listened").waitFor();
    assert.equal((await titles()).filter((title) => title === "Sent while nobody listened").length, 1);
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has no accessibility violation that axe finds, ${colorScheme}, with a problem and a form visible`, async () => {
      await page.emulateMedia({ colorScheme });
      await page.getByLabel("What needs doing?").fill("x".repeat(201));
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await page
        .getByRole("button", { name: /^Rename/ })
        .first()
        .click();
      await page.getByRole("checkbox").last().check();
      // Through the debugging protocol, because the page's own policy allows no inline script.
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
      assert.deepEqual(
        violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })),
        [],
      );
      problems = [];
    });
  }

  it("fits a phone: no sideways scrolling, every button large enough to touch", async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert.equal(width, 360);
    for (const button of await page.getByRole("button").all()) {
      const box = await button.boundingBox();
      assert.ok(box && box.height >= 44, `${(await button.textContent()) ?? ""} is ${box?.height ?? 0} px high`);
    }
  });

  it("is what docs/todo-app.png shows, which UPDATE_SCREENSHOT=1 renews", async () => {
    for (const title of await titles()) {
      await page
        .getByRole("button", { name: `Delete ${title}` })
        .first()
        .click();
    }
    await page.getByText("Nothing to do.").waitFor();
    for (const title of ["Book the train to Lisbon", "Water the tomatoes", "Rotate the database credential"]) {
      await add(title);
    }
    await page.getByRole("checkbox", { name: "Rotate the database credential" }).check();
    await page.locator("#credential").getByText("Credential accepted").waitFor();
    const picture = await page.screenshot();
    if (process.env.UPDATE_SCREENSHOT) writeFileSync(screenshotFile, picture);
    // Fonts differ between machines, so people have to compare the pixels.
    assert.deepEqual(sizeOf(readFileSync(screenshotFile)), sizeOf(picture));
  });
});

/** Width and height from a PNG's header. */
function sizeOf(png: Buffer): readonly number[] {
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}
