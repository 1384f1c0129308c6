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
	case $previous in
	--html | --attach | --env | --key-file)
		COMPREPLY=($(compgen -f -- "$word"))
		return
		;;
	esac
	if [[ $word == -* ]]; then
		local two="${first[0]} ${first[1]}"
		grep -qx -- "$two" <<<"$commands" || two=${first[0]}
		COMPREPLY=($(compgen -W "$(
			{ _postrider_help $two; _postrider_help; } |
				sed -n 's/^  \(--[a-z-]*\).*/\1/p'
		)" -- "$word"))
	elif [ ${#first[@]} -eq 0 ]; then
		COMPREPLY=($(compgen -W "$(cut -d' ' -f1 <<<"$commands")" -- "$word"))
	elif [ ${#first[@]} -eq 1 ]; then
		COMPREPLY=($(compgen -W "$(
			sed -n "s/^${first[0]} //p" <<<"$commands")" -- "$word"))
	fi
}
complete -F _postrider postrider
