import assert from "node:assert/strict";
import { refuseRegion, refuseStackName } from "../../config/place";

describe("refuseRegion", () => {
  for (const region of ["us-east-1", "eu-central-2", "ap-southeast-5", "il-central-1", "mx-central-1"]) {
    it(`accepts ${region}`, () => {
      assert.deepEqual(refuseRegion(region), []);
    });
  }

  for (const region of ["", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "eu-isoe-west-1", "eusc-de-east-1"]) {
    it(`refuses "${region}": it is in another partition, or does not exist`, () => {
      const [finding = "", ...others] = refuseRegion(region);
      assert.deepEqual(others, []);
      assert.match(finding, /^aws:region: received (nothing|"[a-z0-9-]+"), accepted is an AWS Region, for example /);
    });
  }
});

describe("refuseStackName", () => {
  for (const stack of ["dev", "production-eu-west-1", "Review-12", "x".repeat(114)]) {
    it(`accepts ${stack}`, () => {
      assert.deepEqual(refuseStackName(`todo-rotation-${stack}`, stack), []);
    });
  }

  for (const stack of ["v1.2", "dev_2", "dev-", "dev--2", "x".repeat(115)]) {
    it(`refuses ${stack}`, () => {
      const [finding = "", ...others] = refuseStackName(`todo-rotation-${stack}`, stack);
      assert.deepEqual(others, []);
      assert.match(finding, new RegExp(`^stack: received "${stack}", accepted is a name of letters, digits and `));
    });
  }
});
