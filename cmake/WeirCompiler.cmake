# One toolchain for everything: clang-19 (GCC 12 miscompiles coroutines).
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Weir is built with clang-19 (Debian: clang-19); "
                      "use a preset: cmake --preset release")
endif()

find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE)
  # Relative paths let all checkouts share what was compiled; the sloppiness is what ccache asks
  # for before it takes files that use a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${WEIR_CCACHE})
endif()

# ccache accepts a precompiled header only when its content, not its time, identifies it.
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)
add_compile_options("SHELL:-Xclang -fno-pch-timestamp")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
                    -Woverloaded-virtual -Wimplicit-fallthrough -Wunused -Werror
                    -fno-omit-frame-pointer "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
add_link_options(-fuse-ld=lld)

# WEIR_SANITIZE: empty, address or thread (set by the presets).
set(WEIR_SANITIZE "" CACHE STRING "Sanitizers: empty, address (with undefined) or thread")
if(WEIR_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
elseif(WEIR_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(NOT WEIR_SANITIZE STREQUAL "")
  message(FATAL_ERROR "WEIR_SANITIZE is '${WEIR_SANITIZE}'; empty, address or thread is known")
endif()

option(WEIR_COVERAGE "Instrument for llvm-cov" OFF)
if(WEIR_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
