/** The scripts that connect a shell's completion to `nova complete`. */

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

const bash = `# bash completion of nova: eval "$(nova completion bash)"
_nova() {
  local IFS=$'\\n'
  COMPREPLY=($(nova complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then compopt -o default 2>/dev/null; fi
}
complete -F _nova nova`

const zsh = `#compdef nova
# zsh completion of nova: eval "$(nova completion zsh)"
_nova() {
  local -a candidates
  candidates=("\${(@f)$(nova complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _nova nova`

const fish = `# fish completion of nova: nova completion fish | source
function __nova_complete
  set -l words (commandline -opc) (commandline -ct)
  nova complete $words[2..-1] 2>/dev/null
end
complete -c nova -a '(__nova_complete)'`

/** The script of a shell, to be evaluated in it. */
export const completionScript = (shell: Shell) => ({ bash, zsh, fish })[shell]
