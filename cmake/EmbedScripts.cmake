# SPDX-License-Identifier: MIT
#
# cmake -DSCRIPTS=<folder> -DOUTPUT=<scripts.c> -DSCRATCH=<folder> -P this
#
# Turns the Lua scripts of a folder into one C table. Of each script the text
# is its own, with parts/a.lua and parts/b.lua in the place of each line
# `-- uses: a, b`: a script makes what it uses at each call, and no more. There
# are two texts of it: what stands behind `-- record: ` is code in the one
# that is used where jobs are recorded, a comment in the other.
# All get the flag allow-cross-slot-keys: in cluster mode, as MemoryDB always is,
# one shard has all slots, and a script touches many.
# Comments and indentation stay here: every connection loads every script.
# SCRATCH keeps the texts as Redis gets them. Texts are always quoted, and
# become C by way of hex: no byte of a script is ever read as CMake.
file(GLOB paths ${SCRIPTS}/*.lua)
list(SORT paths)

set(sources "")
set(rows "")

# Appends one text of the script `name` to the sources and the rows.
macro(embed kind text)
  set(embedded ${SCRATCH}/${kind}/${name}.lua)
  string(REGEX REPLACE "\n[ \t]+" "\n" bare "${text}")
  string(REGEX REPLACE "\n--[^\n]*" "\n" bare "${bare}")
  string(REGEX REPLACE "[ \t]+-- [^\n'\"]*\n" "\n" bare "${bare}")
  file(WRITE ${embedded} "${bare}")
  file(SHA1 ${embedded} sha1)
  file(READ ${embedded} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(REPLACE "'\\x0a'," "'\\x0a',\n" bytes "${bytes}")
  string(APPEND sources
    "static const char ${name}_${kind}[] = {\n${bytes}0\n};\n\n"
  )
  string(APPEND rows
    "\t[${item}].${kind} = { ${name}_${kind},\n\t    \"${sha1}\" },\n"
  )
endmacro()

foreach(path IN LISTS paths)
  get_filename_component(name ${path} NAME_WE)
  string(TOUPPER "STORE_${name}" item)

  file(READ ${path} text)
  string(FIND "${text}" "\n" line_end)
  string(FIND "${text}" "#!lua" shebang)
  if(NOT shebang EQUAL 0 OR line_end LESS 0)
    message(FATAL_ERROR "${path}: the first line must be its #!lua shebang")
  endif()
  if("${text}" MATCHES "^#!lua flags=")
    string(REGEX REPLACE "^(#!lua flags=)" "\\1allow-cross-slot-keys,"
      text "${text}")
  else()
    string(REGEX REPLACE "^#!lua" "#!lua flags=allow-cross-slot-keys"
      text "${text}")
  endif()
  while("${text}" MATCHES "\n\t*(-- uses: ([a-z, ]+)\n)")
    set(line "${CMAKE_MATCH_1}")
    string(REGEX MATCHALL "[a-z]+" parts "${CMAKE_MATCH_2}")
    set(whole "")
    foreach(part IN LISTS parts)
      file(READ ${SCRIPTS}/parts/${part}.lua part_text)
      string(APPEND whole "${part_text}")
    endforeach()
    string(REPLACE "${line}" "${whole}" text "${text}")
  endwhile()

  string(REPLACE "-- record: " "" recorded "${text}")
  string(APPEND rows "\t[${item}].name = \"${name}\",\n")
  embed(plain "${text}")
  embed(recorded "${recorded}")
endforeach()

list(LENGTH paths count)
file(WRITE ${OUTPUT}
"/* SPDX-License-Identifier: MIT */
/* Made from lib/lua/ by cmake/EmbedScripts.cmake: change it there. */
#include \"store.h\"

_Static_assert(STORE_SCRIPT__MAX == ${count}, \"store.h and lib/lua/ differ\");

${sources}const struct store_script_source
    store_script_sources[STORE_SCRIPT__MAX] = {
${rows}};
")
