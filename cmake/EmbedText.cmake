# SPDX-License-Identifier: MIT
#
# cmake -DTEXT=<file> -DNAME=<C name> -DOUTPUT=<file.c> -P this
#
# Turns a text file into the C string NAME, and NAME_len without its NUL. It
# becomes C by way of hex, so that no byte of it is ever read as CMake.
file(READ ${TEXT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REPLACE "'\\x0a'," "'\\x0a',\n" bytes "${bytes}")
get_filename_component(file ${TEXT} NAME)

file(WRITE ${OUTPUT}
"/* SPDX-License-Identifier: MIT */
/* Made from ${file} by cmake/EmbedText.cmake: change it there. */
#include \"${NAME}.h\"

const char ${NAME}[] = {
${bytes}0
};
const size_t ${NAME}_len = sizeof(${NAME}) - 1;
")
