# SPDX-License-Identifier: MIT
#
# cmake -DSCHEMA=<folder> -DOUTPUT=<schema.c> -P this
#
# Turns the migrations of a folder, NNN_name.sql, into one C table in their
# order; NNN_name.<dialect>.sql is what one dialect needs first. They become C
# by way of hex, so that no byte of them is ever read as CMake.
set(dialects sqlite postgres)
file(GLOB paths ${SCHEMA}/*.sql)
list(FILTER paths EXCLUDE REGEX "\\.(sqlite|postgres)\\.sql$")
list(SORT paths)

set(sources "")
set(rows "")

# Appends the text of a file, or of none, as the C string `name`.
function(embed name path)
  set(bytes "")
  if(EXISTS ${path})
    file(READ ${path} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
    string(REPLACE "'\\x0a'," "'\\x0a',\n" bytes "${bytes}")
  endif()
  string(APPEND sources "static const char ${name}[] = {\n${bytes}0\n};\n\n")
  set(sources "${sources}" PARENT_SCOPE)
endfunction()

foreach(path IN LISTS paths)
  get_filename_component(name ${path} NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9])_[a-z_]+$")
    message(FATAL_ERROR "${path}: is not called NNN_name.sql")
  endif()
  math(EXPR version "1${CMAKE_MATCH_1} - 1000")
  embed(sql_${name} ${path})
  set(first "")
  foreach(dialect IN LISTS dialects)
    embed(${dialect}_${name} ${SCHEMA}/${name}.${dialect}.sql)
    string(TOUPPER ${dialect} item)
    string(APPEND first "[RECORD_${item}] = ${dialect}_${name}, ")
  endforeach()
  string(APPEND rows "\t{ ${version}, { ${first}},\n\t    sql_${name} },\n")
endforeach()

file(WRITE ${OUTPUT}
"/* SPDX-License-Identifier: MIT */
/* Made from sql/ by cmake/EmbedSchema.cmake: change it there. */
#include \"record_driver.h\"

${sources}const struct record_migration record_migrations[] = {
${rows}};
const size_t record_migrations_len =
    sizeof(record_migrations) / sizeof(record_migrations[0]);
")
