// What the judges wrote, as one line a judge, and one line a finding under it. Usage: findings.mjs DIRECTORY
//
// The directory holds "<judge> <document>.out" and ".err". Exit 0 only if every judge has judged and found nothing.
// A judge that wrote no verdict counts as an error: a crash must not pass for a clean document.
import { readdirSync, readFileSync } from "node:fs";

const LEVELS = ["error", "warning"];

// Each reader makes [{level, line, rule, message}] of what its judge wrote, or throws.
const readers = {
  spectral: (out) =>
    JSON.parse(out).map((f) => ({
      level: LEVELS[f.severity] ?? "info",
      line: f.range.start.line + 1,
      rule: f.code,
      message: f.message,
    })),
  redocly: (out) =>
    JSON.parse(out).problems.map((f) => ({
      level: f.severity === "warn" ? "warning" : "error",
      line: f.location[0]?.start?.line ?? 1,
      rule: f.ruleId,
      message: f.message,
    })),
  actionlint: (out) =>
    JSON.parse(out).map((f) => ({ level: "error", line: f.line, rule: f.kind, message: f.message })),
  validator: (out) => {
    if (/: OK$/m.test(out)) return [];
    const parts = out.split(/: Validation Error: /).slice(1);
    if (parts.length === 0) throw new Error("no verdict");
    return parts.map((part) => ({
      level: "error",
      rule: part.match(/^On (instance.*):$/m)?.[1] ?? "document",
      message: part.split("\n")[0],
    }));
  },
};

const directory = process.argv[2];
let bad = 0;
for (const file of readdirSync(directory).filter((name) => name.endsWith(".out")).sort()) {
  const [judge, document] = file.slice(0, -".out".length).split(" ");
  const label = `${judge.padEnd(10)}  ${document.padEnd(22)}`;
  const out = readFileSync(`${directory}/${file}`, "utf8");
  let findings;
  try {
    findings = readers[judge](out);
  } catch {
    const err = readFileSync(`${directory}/${file.replace(/out$/, "err")}`, "utf8");
    // Redocly greets old versions of Node.js with a framed notice: no part of its reason.
    const reason = `${out}\n${err}`.split("\n").filter((line) => line.trim() && !/^\s*[╔║╚]/.test(line));
    console.log(`${label}  no verdict`);
    for (const line of reason) console.log(`    ${line}`);
    bad += 1;
    continue;
  }
  const [errors, warnings] = LEVELS.map((level) => findings.filter((finding) => finding.level === level).length);
  console.log(`${label}  errors ${errors}, warnings ${warnings}`);
  for (const { level, line, rule, message } of findings.filter((finding) => LEVELS.includes(finding.level)))
    console.log(`    ${line ? `line ${line}: ` : ""}${level}: ${rule}: ${message}`);
  bad += errors + warnings;
}
process.exitCode = bad === 0 ? 0 : 1;
