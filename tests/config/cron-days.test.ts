import assert from "node:assert/strict";
import { expandField, longestGapDays } from "../../config/cron-days";

describe("expandField", () => {
  for (const [field, numbers] of [
    ["3", [3]],
    ["1,7", [1, 7]],
    ["2-4", [2, 3, 4]],
    ["*", [1, 2, 3, 4, 5, 6, 7]],
    ["*/3", [1, 4, 7]],
    ["/3", [1, 4, 7]],
    ["2-6/2", [2, 4, 6]],
    ["0", []],
    ["8", []],
    ["5-2", []],
    ["1/0", []],
    ["one", []],
  ] as const) {
    it(`reads ${field} as ${numbers.length === 0 ? "malformed" : numbers.join(", ")}`, () => {
      assert.deepEqual(expandField(field, 1, 7), numbers);
    });
  }
});

describe("longestGapDays", () => {
  for (const [dayOfMonth, month, dayOfWeek, days, reason] of [
    ["*", "*", "?", 1, "every day"],
    ["?", "*", "SUN", 7, "every week"],
    ["?", "*", "1", 7, "1 is Sunday"],
    ["?", "*", "MON-FRI", 3, "over the weekend"],
    ["?", "*", "L", 7, "the week's last day, Saturday"],
    ["1", "*", "?", 31, "the longest month"],
    ["31", "*", "?", 61, "April is skipped: 31 and 30 days"],
    ["L", "*", "?", 31, "the last of each month"],
    ["?", "*", "SUN#1", 35, "five weeks in some months"],
    ["?", "*", "6L", 35, "the last Friday"],
    ["15W", "*", "?", 32, "from Friday 14 for Saturday 15, over 31 days, to Tuesday 15"],
    ["1W", "*", "?", 33, "never in the month before"],
    ["LW", "*", "?", 33, "the last weekday"],
    ["1", "JAN,JUL", "?", 184, "July to January"],
    ["1", "1/3", "?", 92, "every third month"],
    ["29", "FEB", "?", 1461, "leap years"],
    ["31", "FEB", "?", undefined, "never"],
    ["?", "*", "FRI#6", undefined, "no sixth Friday"],
    ["99", "*", "?", undefined, "no such day"],
    ["1", "13", "?", undefined, "no such month"],
  ] as const) {
    it(`of ${dayOfMonth} ${month} ${dayOfWeek}: ${String(days)} (${reason})`, () => {
      assert.equal(longestGapDays(dayOfMonth, month, dayOfWeek), days);
    });
  }
});
