# Sets hedgerow_version from the one place that has it.
set(header ${CMAKE_CURRENT_LIST_DIR}/../include/hedgerow/base/version.hpp)
file(STRINGS ${header} line REGEX "HEDGEROW_VERSION \"")
string(REGEX REPLACE ".*\"(.+)\".*" "\\1" hedgerow_version "${line}")
