# SPDX-License-Identifier: MIT
#
# Targets for people: `format` rewrites our sources with clang-format, `lint`
# runs cppcheck over them, `scan` builds them anew under clang's analyzer.
set(own_sources)
foreach(folder IN LISTS POSTRIDER_FOLDERS)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/${folder}/*.c ${CMAKE_SOURCE_DIR}/${folder}/*.h
  )
  list(APPEND own_sources ${found})
endforeach()
list(FILTER own_sources EXCLUDE REGEX "/node_modules/")

find_program(CLANG_FORMAT NAMES clang-format-14 clang-format)
if(CLANG_FORMAT)
  add_custom_target(format
    COMMAND ${CLANG_FORMAT} -i ${own_sources}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM
  )
endif()

find_program(CPPCHECK cppcheck)
if(CPPCHECK)
  # Unit tests are left out: cmocka's macros look like null dereferences.
  # Suppressed: NULL ends the log calls' arguments (the sentinel attribute has
  # it checked), and filling a struct through a pointer is not a use of it.
  set(lint_sources ${own_sources})
  list(FILTER lint_sources EXCLUDE REGEX "/tests/")
  list(FILTER lint_sources INCLUDE REGEX "\\.c$")
  add_custom_target(lint
    COMMAND ${CPPCHECK} --quiet --error-exitcode=1 --std=c11 --inline-suppr
      --enable=warning,performance,portability
      --suppress=missingIncludeSystem --suppress=varFuncNullUB
      --suppress=ctuuninitvar --suppress=legacyUninitvar
      -D_GNU_SOURCE -I${CMAKE_SOURCE_DIR}/lib -I${CMAKE_BINARY_DIR}/lib
      ${lint_sources}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM
  )
endif()

find_program(SCAN_BUILD scan-build)
if(SCAN_BUILD)
  add_custom_target(scan
    COMMAND ${SCAN_BUILD} --status-bugs ${CMAKE_COMMAND}
      -S ${CMAKE_SOURCE_DIR} -B ${CMAKE_BINARY_DIR}/scan -G Ninja
      -DCMAKE_BUILD_TYPE=Debug
    COMMAND ${SCAN_BUILD} --status-bugs ${CMAKE_COMMAND}
      --build ${CMAKE_BINARY_DIR}/scan --clean-first
    VERBATIM
  )
endif()
