# SPDX-License-Identifier: MIT
#
# Makes postrider.env(5) of docs/man/postrider.env.5.in and of the table of
# settings in docs/protocol.md.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/docs/protocol.md
)
file(STRINGS ${PROJECT_SOURCE_DIR}/docs/protocol.md rows
  REGEX "^\\| `[A-Z_]+`.* \\| .* \\| .* \\| .* \\|$"
)
# What tells it from the rows of other tables.
set(types "text[^|]*|a number[^|]*|a duration[^|]*|[^|]*@BAR@[^|]*")
set(SETTINGS "")
foreach(row IN LISTS rows)
  # "| `NAME` (secret) | type | default | help |"; a bar in a cell is "\|".
  string(REPLACE "\\|" "@BAR@" row "${row}")
  string(REPLACE "`" "" row "${row}")
  string(REGEX MATCH
    "^\\| ([A-Z_]+)( \\(secret\\))? \\| (${types}) \\| ([^|]+) \\| (.+) \\|$"
    matched "${row}"
  )
  if(matched)
    set(name "${CMAKE_MATCH_1}")
    if(CMAKE_MATCH_2)
      set(name "${name} Pq secret")
    endif()
    set(text "${CMAKE_MATCH_3}; default ${CMAKE_MATCH_4}\n.br\n")
    # A sentence is a line, for the space that groff sets behind it.
    string(REGEX REPLACE "\\. ([A-Z])" ".\n\\1" help "${CMAKE_MATCH_5}")
    string(APPEND text "${help}")
    string(REPLACE "@BAR@" "|" text "${text}")
    string(APPEND SETTINGS ".It Ev ${name}\n${text}\n")
  endif()
endforeach()
string(STRIP "${SETTINGS}" SETTINGS)
configure_file(${PROJECT_SOURCE_DIR}/docs/man/postrider.env.5.in
  ${PROJECT_BINARY_DIR}/docs/man/postrider.env.5 @ONLY
)
