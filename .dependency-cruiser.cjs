/** The layers of DESIGN: entry points know actions, actions know flows, flows know interfaces, only main.ts knows adapters. */
const adapters = '^src/(system|drivers/(fake|qemu|libvirt)/|hosts/(local|ssh|known-hosts)|state/(json|postgres)|bus/(local|rabbitmq)|compute/agent|api/)'
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const owns = (name, library, folder) =>
  forbid(`${name}-has-one-owner`, `${library} is used in ${folder} only`, { pathNot: folder }, { path: `node_modules/${library}/` })

module.exports = {
  forbidden: [
    forbid('no-cycles', 'no import cycles', {}, { circular: true }),
    forbid('core-is-pure', 'core imports the schema library only', { path: '^src/core/' }, { pathNot: '^(src/core/|node_modules/zod/)' }),
    forbid('model-is-pure', 'model imports core, and the scheduler types it keeps', { path: '^src/model/' }, { pathNot: '^src/(core|model)/|^src/scheduler/types' }),
    forbid('scheduler-is-pure', 'the scheduler is a function of its input', { path: '^src/scheduler/' }, { pathNot: '^src/(core|model|scheduler)/' }),
    forbid('hosts-have-no-database', 'host-side code never imports state', { path: '^src/(compute|drivers|hosts|network|volume)/' }, { path: '^src/(state|flows|actions|cli|commands)/' }),
    forbid('drivers-are-strangers', 'no driver imports another driver', { path: '^src/drivers/([^/]+)/' }, { path: '^src/drivers/([^/]+)/', pathNot: '^src/drivers/$1/' }),
    forbid('flows-know-interfaces', 'flows do not know who calls them', { path: '^src/flows/' }, { path: '^src/(actions|cli|commands)/' }),
    forbid('actions-know-no-terminal', 'actions never print', { path: '^src/actions/' }, { path: '^src/(cli|commands)/' }),
    forbid('commands-are-thin', 'a command knows its action and the CLI', { path: '^src/commands/' }, { pathNot: '^src/(actions|cli|core)/' }),
    forbid('only-main-names-adapters', 'adapters are named by the composition root alone', { pathNot: `^src/main[-/a-z]*\\.ts|${adapters}` }, { path: adapters }),
    owns('zod', 'zod', '^src/core/schema'),
    owns('execa', 'execa', '^src/hosts/local'),
    owns('ssh2', 'ssh2', '^src/hosts/ssh'),
    owns('ssh-config', 'ssh-config', '^src/hosts/ssh'),
    owns('lowdb', 'lowdb', '^src/state/json/'),
    owns('pg', 'pg', '^src/state/postgres/'),
    owns('amqplib', 'amqplib', '^src/bus/rabbitmq'),
    owns('fastify', 'fastify', '^src/api/'),
    owns('pino', 'pino', '^src/system/'),
    owns('oclif', '@oclif/core', '^src/(cli|commands)/'),
    owns('inquirer', '(inquirer|@inquirer)', '^src/cli/'),
    owns('listr2', 'listr2', '^src/cli/'),
    owns('chalk', 'chalk', '^src/cli/'),
    owns('yaml', 'yaml', '^src/cli/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
