# How our own targets are compiled. Linked PRIVATE everywhere and never exported.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

# The build tree has the shape of an install prefix, so plugins are found relative to the executable in both.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(DEPLOYFLOW_PLUGIN_DIR lib/deployflow/plugins)

add_library(deployflow_settings INTERFACE)
target_include_directories(deployflow_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(deployflow_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  # GCC 12 sees overlaps in std::string that cannot be (https://gcc.gnu.org/PR105651), when it optimises.
  $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<BOOL:${DEPLOYFLOW_WERROR}>:-Werror>)
# Of what is called undefined, the preset asan leaves out null, alignment and vptr: AddressSanitizer and the processor tell of a
# null pointer as well, and the three double what there is to compile. tests/fuzz/run looks for all of it.
set(DEPLOYFLOW_SANITIZE "" CACHE STRING "Value of -fsanitize= for everything, such as address,undefined")
if(DEPLOYFLOW_SANITIZE)
  add_compile_options(-fsanitize=${DEPLOYFLOW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DEPLOYFLOW_SANITIZE})
endif()
# Counters for libFuzzer in all code, so that the fuzz targets can be linked with the libraries that the tests use; needs clang.
option(DEPLOYFLOW_FUZZ "Make the fuzz targets known, and instrument everything for them" OFF)
if(DEPLOYFLOW_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# The tests' own sources need no speed, and no undefined behaviour is looked for in them: both cost as much again to compile.
set(DEPLOYFLOW_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)
if(DEPLOYFLOW_SANITIZE)
  list(APPEND DEPLOYFLOW_TEST_OPTIONS -fno-sanitize=undefined)
endif()
