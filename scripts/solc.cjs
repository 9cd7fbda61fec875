// The Solidity compiler of the npm package `solc` (WebAssembly) behind the command line of the native one, as far as
// brownie, forge and slither use it: --version, --standard-json, --combined-json. Imports are read below --base-path.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const solc = require(path.join(__dirname, "..", "node_modules", "solc"));

const WITH_VALUE = [
  "--base-path", "--include-path", "--allow-paths", "--evm-version", "--optimize-runs", "--combined-json",
];

function parse(argv) {
  const args = { flags: new Set(), values: {}, remappings: [], files: [] };
  for (let i = 0; i < argv.length; i++) {
    const [name, joined] = argv[i].startsWith("--") ? argv[i].split(/=(.*)/s) : [argv[i]];
    if (WITH_VALUE.includes(name)) args.values[name] = joined ?? argv[++i];
    else if (argv[i].startsWith("-") && argv[i] !== "-") args.flags.add(argv[i]);
    else if (argv[i].includes("=")) args.remappings.push(argv[i]);
    else if (argv[i] !== "-") args.files.push(argv[i]);
  }
  return args;
}

function reader(base) {
  return (name) => {
    const file = path.resolve(base, name);
    try {
      return { contents: fs.readFileSync(file, "utf8") };
    } catch (error) {
      return { error: `File not found: ${file} (${error.code})` };
    }
  };
}

function combined(args, base) {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(
      args.files.map((file) => [file, { content: fs.readFileSync(path.resolve(base, file), "utf8") }]),
    ),
    settings: {
      remappings: args.remappings,
      optimizer: { enabled: args.flags.has("--optimize"), runs: Number(args.values["--optimize-runs"] ?? 200) },
      evmVersion: args.values["--evm-version"],
      viaIR: args.flags.has("--via-ir"),
      outputSelection: { "*": { "": ["ast"], "*": ["abi", "evm", "devdoc", "userdoc"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: reader(base) }));
  for (const message of output.errors ?? []) process.stderr.write(message.formattedMessage + "\n");
  if ((output.errors ?? []).some((message) => message.severity === "error")) return null;
  const contracts = {};
  for (const [file, inside] of Object.entries(output.contracts ?? {})) {
    for (const [name, contract] of Object.entries(inside)) {
      contracts[`${file}:${name}`] = {
        abi: contract.abi,
        bin: contract.evm.bytecode.object,
        "bin-runtime": contract.evm.deployedBytecode.object,
        srcmap: contract.evm.bytecode.sourceMap,
        "srcmap-runtime": contract.evm.deployedBytecode.sourceMap,
        hashes: contract.evm.methodIdentifiers,
        devdoc: contract.devdoc,
        userdoc: contract.userdoc,
      };
    }
  }
  const files = Object.entries(output.sources).sort(([, a], [, b]) => a.id - b.id);
  return JSON.stringify({
    contracts,
    sourceList: files.map(([file]) => file),
    sources: Object.fromEntries(files.map(([file, source]) => [file, { AST: source.ast, id: source.id }])),
    version: solc.version(),
  });
}

function main() {
  const args = parse(process.argv.slice(2));
  const base = path.resolve(args.values["--base-path"] ?? ".");
  let answer;
  if (args.flags.has("--version")) {
    answer = `solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`;
  } else if (args.flags.has("--standard-json")) {
    const source = args.files.length ? args.files[0] : 0;
    answer = solc.compile(fs.readFileSync(source, "utf8"), { import: reader(base) });
  } else if ("--combined-json" in args.values) {
    answer = combined(args, base);
  } else {
    process.stderr.write("Only --version, --standard-json and --combined-json are answered.\n");
  }
  if (!answer) process.exitCode = 1;
  // No process.exit here: it would cut what a pipe has not taken yet.
  else process.stdout.write(answer + "\n");
}

main();
