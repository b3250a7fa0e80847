# deployflow_add_plugin(<name> <source>...): a loadable module <name>.dfstage.so on the SDK.
#
# One exported symbol (version script: hidden visibility alone leaks std:: symbols), no undefined ones
# (-z defs turns a fault at first use into one at link), resolved at load, never unloaded.
function(deployflow_add_plugin name)
  # The function's own folder: it is called from other directories, where a variable set beside it is unknown.
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/deployflow-plugin.map)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE deployflow::sdk)
  # What the headers need at least; a project that asks for more keeps it.
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("C" IN_LIST languages)
    target_compile_features(${name} PRIVATE c_std_99)
  endif()
  if("CXX" IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX ".dfstage.so"
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${map})
  target_link_options(${name} PRIVATE
    LINKER:-z,relro LINKER:-z,now LINKER:-z,nodelete LINKER:--exclude-libs,ALL
    LINKER:--version-script=${map})
  # clang links the sanitizer runtime into the executable only, so there its symbols stay undefined.
  get_directory_property(directory_options LINK_OPTIONS)
  set(flags "${directory_options};${CMAKE_C_FLAGS};${CMAKE_CXX_FLAGS}")
  if(NOT ("${flags}" MATCHES "-fsanitize" AND "${CMAKE_C_COMPILER_ID};${CMAKE_CXX_COMPILER_ID}" MATCHES "Clang"))
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
endfunction()
