// SPDX-License-Identifier: MIT
//
// Has @seriousme/openapi-schema-validator judge an OpenAPI document, by the
// schema of the OpenAPI Initiative: its text as JSON on stdin, {valid, version,
// errors} on stdout.
'use strict';

const fs = require('fs');

async function main() {
  const { Validator } = await import(require.resolve(
    '@seriousme/openapi-schema-validator'));
  const validator = new Validator();
  const { valid, errors } = await validator.validate(
    JSON.parse(fs.readFileSync(0, 'utf8')));
  process.stdout.write(JSON.stringify(
    { valid, version: validator.version, errors: errors ?? [] }));
}

main();
