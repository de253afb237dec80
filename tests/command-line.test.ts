import assert from "node:assert/strict";
import { readOneOf, readSetting, readWholeNumber, runCommand } from "../command-line";

describe("a command", () => {
  async function run(...args: string[]) {
    const written: string[] = [];
    const exitCode = await runCommand(args, {
      usage: "the usage",
      parse: ([color = ""]) => readOneOf("color", color, ["red", "green"]),
      run: (color) => Promise.resolve(color === "red" ? 7 : 0),
      write: (text) => written.push(`out: ${text}`),
      writeError: (text) => written.push(`err: ${text}`),
    });
    return { exitCode, written };
  }

  it("runs with what was read, and ends with its status", async () => {
    assert.deepEqual(await run("red"), { exitCode: 7, written: [] });
    assert.deepEqual(await run("green"), { exitCode: 0, written: [] });
  });

  it("prints its usage, and does not run", async () => {
    assert.deepEqual(await run("--help"), { exitCode: 0, written: ["out: the usage"] });
    assert.deepEqual(await run("blue", "--help"), { exitCode: 0, written: ["out: the usage"] });
  });

  it("says what is wrong, and ends with 2", async () => {
    const written = ['err: color: received "blue"; accepted is one of red, green\n\nthe usage'];
    assert.deepEqual(await run("blue"), { exitCode: 2, written });
  });
});

describe("an argument", () => {
  it("may be a whole number in a range", () => {
    assert.deepEqual(
      ["0", "07", "10"].map((text) => readWholeNumber("--n", text, 0, 10)),
      [0, 7, 10],
    );
    for (const text of ["", "-1", "11", "1.5", "1e1", " 1", "99999999999"]) {
      const message = `--n: received "${text}"; accepted is a whole number from 0 to 10`;
      assert.throws(() => readWholeNumber("--n", text, 0, 10), { message });
    }
  });

  it("may be a key and a value, which may be empty and hold anything", () => {
    assert.deepEqual(readSetting("--config", "a="), ["a", ""]);
    assert.deepEqual(readSetting("--config", "a=b=\nc"), ["a", "b=\nc"]);
    for (const text of ["", "a", "=b"]) {
      const message = `--config: received "${text}"; accepted is key=value`;
      assert.throws(() => readSetting("--config", text), { message });
    }
  });
});
