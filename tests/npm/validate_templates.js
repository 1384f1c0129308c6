// SPDX-License-Identifier: MIT
//
// Has AWS's validator judge CloudFormation templates: {name: text} as JSON on
// stdin, [what it said of WARN or worse] on stdout.
'use strict';

const fs = require('fs');
const path = require('path');
const {
  RegoEngine, TemplateFile,
} = require('@aws/cloudformation-validate');

function judge(engine, name, file) {
  const report = engine.validateStandard(
    new TemplateFile(file), { severityLevel: 'WARN' });
  const said = report.diagnostics.map(
    (it) => `${name}:${it.startLine} ${it.severity} ${it.ruleId} ${it.message}`);
  return report.status === 'OK' ? said : [...said, `${name} ${report.status}`];
}

const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const folder = fs.mkdtempSync(path.join(require('os').tmpdir(), 'templates-'));
const engine = new RegoEngine();
const said = Object.entries(given).flatMap(([name, text]) => {
  const file = path.join(folder, 'template.yaml');
  fs.writeFileSync(file, text);
  return judge(engine, name, file);
});
engine.free();
fs.rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(said));
