# What the headers that most files share cost to read is a quarter of a build from nothing: read once, for all targets. Each
# file is still seen by itself where this is off: by clang-tidy (tests/run), and in everybody's own build.
#
# Libraries (-fPIC) and the tests' executables (-fPIE) do not share what was read.
foreach(users libraries tests)
  set(name deployflow_precompiled_for_${users})
  file(CONFIGURE OUTPUT ${name}.cpp CONTENT "int main() {}\n")
  if(users STREQUAL "libraries")
    add_library(${name} STATIC EXCLUDE_FROM_ALL ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  else()
    add_executable(${name} EXCLUDE_FROM_ALL ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    target_compile_options(${name} PRIVATE ${DEPLOYFLOW_TEST_OPTIONS})
  endif()
  target_link_libraries(${name} PRIVATE deployflow_settings spdlog::spdlog nlohmann_json::nlohmann_json)
  target_precompile_headers(${name} PRIVATE
    <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstddef> <cstdint> <cstdlib> <cstring> <deque>
    <filesystem> <fstream> <functional> <iterator> <map> <memory> <mutex> <optional> <random> <set> <span> <sstream>
    <stop_token> <string> <string_view> <system_error> <thread> <tuple> <unordered_map> <utility> <variant> <vector>
    <spdlog/fmt/fmt.h> <nlohmann/json.hpp>)
endforeach()

# deployflow_use_precompiled(<users> <type of targets> <folder>): all C++ targets of that type in the folder and below
function(deployflow_use_precompiled users wanted folder)
  get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(each IN LISTS below)
    deployflow_use_precompiled(${users} ${wanted} ${each})
  endforeach()
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(sources ${target} SOURCES)
    if(type STREQUAL wanted AND sources MATCHES "[.]cpp")
      target_precompile_headers(${target} REUSE_FROM deployflow_precompiled_for_${users})
      # What was defined when the headers were read must be so wherever they are used.
      target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:spdlog::spdlog,INTERFACE_COMPILE_DEFINITIONS>)
    endif()
  endforeach()
endfunction()

foreach(room plugins/host stages cli)
  deployflow_use_precompiled(libraries STATIC_LIBRARY ${PROJECT_SOURCE_DIR}/${room})
endforeach()
if(DEPLOYFLOW_BUILD_TESTS)
  deployflow_use_precompiled(tests EXECUTABLE ${PROJECT_SOURCE_DIR}/tests)
endif()
