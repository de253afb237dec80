// Loaded before Pulumi (nodeargs in Pulumi.yaml).
//
// Pulumi prints a program's error with util.inspect(error, { colors: true }). With colours, Node 20 and 22 look up
// every stack frame in the list of loaded modules in a way that takes minutes and gigabytes in a program as large as
// this one (nodejs/node#64011). Without colours the same text appears immediately.
"use strict";
const Module = require("node:module");
const process = require("node:process");
const util = require("node:util");

const { findSourceMap } = Module;

// Most of the time that Pulumi takes to load goes to what it serializes functions with: npm's dependency solver and the
// TypeScript compiler. This program has no function to serialize, so each is loaded when it is first used.
for (const id of ["@npmcli/arborist", "@pulumi/pulumi/typescript-shim"]) loadWhenUsed(id);

function loadWhenUsed(id) {
  const file = require.resolve(id, { paths: [require.resolve("@pulumi/pulumi")] });
  const placeholder = new Module(file);
  placeholder.exports = new Proxy(
    {},
    {
      get(_target, name) {
        if (name === "__esModule") return true; // Pulumi then keeps this object, and copies nothing out of it
        if (require.cache[file] === placeholder) delete require.cache[file];
        return require(file)[name];
      },
    },
  );
  placeholder.loaded = true;
  require.cache[file] = placeholder;
}

const inspect = util.inspect;

function inspectErrorsWithoutColors(value, options, ...rest) {
  const isColoredError = value instanceof Error && options?.colors;
  return inspect(value, isColoredError ? { ...options, colors: false } : options, ...rest);
}

// custom, defaultOptions, colors and styles are properties of the function that libraries read and write.
util.inspect = Object.defineProperties(inspectErrorsWithoutColors, Object.getOwnPropertyDescriptors(inspect));

// Pulumi records a stack trace with each of its promises, for PULUMI_DEBUG_PROMISE_LEAKS to print. Each is
// mapped to the sources when it is created, which takes a fifth of the program's time. Without that variable none is read.
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  const debuggable = require("@pulumi/pulumi/runtime/debuggable");
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

// Stack traces name lines of the sources: in Pulumi's notes of where a resource was created, and in errors. Pulumi uses
// source-map-support, which by itself finds no source map that a compiler keeps in memory.
require("source-map-support").install({
  retrieveSourceMap(path) {
    const map = findSourceMap(path);
    return map ? { url: path, map: { ...map.payload, sources: [path] } } : null;
  },
});

// Pulumi keeps each registration's whole stack trace in the state, which is an eighth of it. Below the program's entry
// point the trace holds only Pulumi and Node.js, with paths of the machine that ran them.
const { Resource } = require("@pulumi/pulumi/resource");
const { callsites } = Resource;
const isOfProgram = ({ file = "" }) => file.startsWith(process.cwd()) && !file.includes("node_modules");
Resource.callsites = () => {
  const [own, , ...callers] = callsites(); // the second is this function
  return [own, ...callers.slice(0, callers.findLastIndex(isOfProgram) + 1)];
};
