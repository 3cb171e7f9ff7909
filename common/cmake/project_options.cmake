# Flags that every target of ours shares; linked as longshore::options.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O2: the hot paths are I/O and small copies; -O3 only grows the executable.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# Eight files of a library at a time: who installs builds once, and half of the time would go into the same headers.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT DEFINED CMAKE_UNITY_BUILD)
  set(CMAKE_UNITY_BUILD ON)
endif()

option(LONGSHORE_WERROR "Warnings are errors" OFF)
set(LONGSHORE_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined")
set(LONGSHORE_SANITIZE_NOT "" CACHE STRING "Checks of those that are left out, e.g. null,alignment")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(longshore_options INTERFACE)
add_library(longshore::options ALIAS longshore_options)
target_include_directories(longshore_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(longshore_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Wunused -Woverloaded-virtual
  -Wimplicit-fallthrough -ffunction-sections -fdata-sections)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positive on awaitable frames at -O2 (style notes of common/async).
  target_compile_options(longshore_options INTERFACE -Wno-mismatched-new-delete)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Every file but the one that includes the others is a header to g++, which warns of unnamed namespaces there.
  target_compile_options(longshore_options INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 uses get_temporary_buffer in std::stable_sort and hides that from g++ only.
  target_compile_options(longshore_options INTERFACE -Wno-deprecated-declarations)
endif()
if(LONGSHORE_WERROR)
  target_compile_options(longshore_options INTERFACE -Werror)
endif()
if(LONGSHORE_SANITIZE)
  target_compile_options(longshore_options INTERFACE
    -fsanitize=${LONGSHORE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(longshore_options INTERFACE -fsanitize=${LONGSHORE_SANITIZE})
  if(LONGSHORE_SANITIZE_NOT)
    target_compile_options(longshore_options INTERFACE -fno-sanitize=${LONGSHORE_SANITIZE_NOT})
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Coroutine files do not assemble with it.
    target_compile_options(longshore_options INTERFACE -fno-sanitize=function)
  endif()
endif()
target_link_options(longshore_options INTERFACE -Wl,--gc-sections -Wl,--as-needed)

# longshore_library(NAME [HOT] SOURCES a.cpp b.cpp DEPS x y): one static library of ours per folder. All but the HOT ones,
# where templates are run and JSON is read, wait for the network anyway: built for size they are half as large.
function(longshore_library name)
  cmake_parse_arguments(ARG "HOT" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC longshore::options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
    if(NOT ARG_HOT)
      # g++ 12 warns of std::optional at -Os where it does not at -O2.
      target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-Os> $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE longshore::options ${ARG_DEPS})
  endif()
endfunction()
