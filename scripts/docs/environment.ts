/** The environment variables that the program reads; a test compares them with the sources. */
export const environment: readonly (readonly [names: readonly string[], meaning: string])[] = [
  [['NOVA_STATE'], 'state directory; the default is `$XDG_STATE_HOME/novakit`, or `~/.local/state/novakit`'],
  [['NOVA_CONTEXT'], 'named context'],
  [['NOVA_PROJECT', 'OS_PROJECT_NAME'], 'project; the default is `default`'],
  [['NOVA_USER', 'USER', 'LOGNAME'], 'who acts, kept with every change'],
  [['NOVA_ENDPOINT'], 'URL of a remote nova; refused by this version, with what was understood of it'],
  [['NOVA_CODE_CACHE'], '`write` makes the code cache beside the release bundle anew'],
  [['OS_CLOUD', 'OS_CLIENT_CONFIG_FILE'], 'which cloud of which `clouds.yaml`; read only when an endpoint is used'],
  [['OS_AUTH_URL', 'OS_REGION_NAME'], 'as OpenStack clients read them; only when an endpoint is used'],
  [['OS_USERNAME', 'OS_USER_ID', 'OS_TENANT_NAME', 'OS_PROJECT_ID'], 'likewise'],
  [['XDG_CONFIG_HOME'], 'contexts are in `novakit/contexts.json` below it; the default is `~/.config`'],
  [['XDG_STATE_HOME'], 'the default state directory is below it'],
  [['NO_COLOR', 'CLICOLOR', 'CLICOLOR_FORCE', 'TERM'], 'colour, by their conventions; `--color` beats them'],
  [['CI'], 'set: nothing is asked, progress is plain lines'],
]
