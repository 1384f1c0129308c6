# SPDX-License-Identifier: MIT
#
# How every target is compiled: C11 with GNU extensions, the warnings of the
# house, hardening in optimised builds, sanitizers where asked for.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
check_pie_supported(LANGUAGES C)

add_compile_definitions(_GNU_SOURCE)
add_compile_options(
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wconversion -Wswitch-enum
  -fno-common
)
if(POSTRIDER_WERROR)
  add_compile_options(-Werror)
endif()

# tests/hardening.py looks for these in the built programs.
add_compile_options(-fstack-protector-strong -fstack-clash-protection)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)

# A program is linked with what it calls, not with all that lib/ may need.
add_link_options(-Wl,--as-needed)

if(POSTRIDER_SANITIZE)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer
  )
  add_compile_options(${sanitizers})
  add_link_options(${sanitizers})
  if(POSTRIDER_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
else()
  # The undefine first: some compilers set their own level.
  set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
  add_compile_options(
    $<${optimised}:-U_FORTIFY_SOURCE>
    $<${optimised}:-D_FORTIFY_SOURCE=2>
  )
endif()
