// SPDX-License-Identifier: MIT
// What mailauth says of the DKIM signatures of each file in a folder, as JSON;
// the DNS's TXT records are on stdin, {name: text}.   node dkim_verify.js FOLDER
const fs = require("fs");
const path = require("path");
const { dkimVerify } = require("mailauth/lib/dkim/verify");

const folder = process.argv[2];
const records = JSON.parse(fs.readFileSync(0, "utf8"));

async function resolver(name, type) {
  if (type === "TXT" && records[name] !== undefined) return [[records[name]]];
  throw Object.assign(new Error(`no ${type} of ${name}`), { code: "ENOTFOUND" });
}

async function verify(name) {
  const message = fs.readFileSync(path.join(folder, name));
  const { results } = await dkimVerify(message, { resolver });
  return results
    .filter((result) => result.signingDomain)
    .map(({ status, ...signature }) => ({
      result: status.result,
      why: status.comment || null,
      aligned: Boolean(status.aligned),
      domain: signature.signingDomain,
      algorithm: signature.algo,
      bits: signature.modulusLength,
      covered: signature.signingHeaders.keys.toLowerCase().split(/\s*:\s*/),
      whole: !signature.canonBodyLengthLimited,
    }));
}

async function main() {
  const found = {};
  for (const name of fs.readdirSync(folder)) found[name] = await verify(name);
  process.stdout.write(JSON.stringify(found));
}

main();
