# find_package(hedgerow) from an installed wheel: builds the core from the sources beside this file.
if(NOT TARGET hedgerow::hedgerow)
  add_subdirectory(${CMAKE_CURRENT_LIST_DIR}/.. ${CMAKE_BINARY_DIR}/hedgerow EXCLUDE_FROM_ALL)
endif()
