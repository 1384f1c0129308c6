# SPDX-License-Identifier: MIT
#
# bash completion for postrider(1). The program's own --help says what there is.

_postrider_help() {
	postrider "$@" --help 2>/dev/null
}

_postrider() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
	local commands first=() i

	commands=$(_postrider_help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p')
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || first+=("${COMP_WORDS[i]}")
	done
	local options two="${first[0]} ${first[1]}"
	grep -qx -- "$two" <<<"$commands" || two=${first[0]}
	[[ $word == -* || $previous == --* ]] &&
		options=$({ _postrider_help $two; _postrider_help; } |
			grep '^  --')
	if grep -q -- "^  $previous FILE " <<<"$options"; then
		COMPREPLY=($(compgen -f -- "$word"))
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(
			sed 's/^  \(--[a-z-]*\).*/\1/' <<<"$options"
		)" -- "$word"))
	elif [ ${#first[@]} -eq 0 ]; then
		COMPREPLY=($(compgen -W "$(cut -d' ' -f1 <<<"$commands")" -- "$word"))
	elif [ ${#first[@]} -eq 1 ]; then
		COMPREPLY=($(compgen -W "$(
			sed -n "s/^${first[0]} //p" <<<"$commands")" -- "$word"))
	fi
}
complete -F _postrider postrider
