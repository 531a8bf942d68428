# One target a folder. Its name is weir_<path with underscores>; it links only what it may include.
#
#   weir_library(weir_media_rtmp SOURCES chunk_reader.cc … DEPENDS weir_common)
function(weir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS})
endfunction()

# What `./weir test` builds for its ThreadSanitizer and release stages, and `./weir bench`.
add_custom_target(threaded_tests)
add_custom_target(e2e_tests)
add_custom_target(bench_programs)

#   weir_test(rtmp_test SOURCES chunk_reader_test.cc … DEPENDS weir_media_rtmp)
# One binary a test folder, registered with ctest under its own name. THREADED: it also runs under
# ThreadSanitizer. LABEL e2e: it runs the real programs, also on the release build; LABEL long:
# only in `./weir test --full`.
function(weir_test name)
  if(NOT WEIR_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "THREADED" "LABEL" "SOURCES;DEPENDS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE WEIR_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                             WEIR_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  target_compile_options(${name} PRIVATE -pthread)
  target_precompile_headers(${name} REUSE_FROM weir_test_headers)
  set(labels ${ARG_LABEL})
  if(ARG_THREADED)
    list(APPEND labels threaded)
    add_dependencies(threaded_tests ${name})
    if(WEIR_SANITIZE STREQUAL "thread")
      target_link_libraries(${name} PRIVATE weir_support_tsan)
    endif()
  endif()
  if(ARG_LABEL STREQUAL "e2e")
    add_dependencies(e2e_tests ${name})
    if(TARGET weir-control AND TARGET weir-media)
      add_dependencies(${name} weir-control weir-media)
    endif()
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES
    LABELS "${labels}" TIMEOUT 300
    ENVIRONMENT "TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1:suppressions=${CMAKE_SOURCE_DIR}/tests/support/tsan.supp")
endfunction()

# Compiles a library with coverage counters so that libFuzzer sees its branches. Where only llvm-cov
# counts, nobody looks at these.
function(weir_fuzzed name)
  if(WEIR_BUILD_FUZZERS AND NOT WEIR_COVERAGE)
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

#   weir_fuzzer(chunk_reader_fuzz SOURCES chunk_reader_fuzz.cc CORPUS dir DEPENDS weir_media_rtmp)
# ctest runs the kept corpus and WEIR_FUZZ_SECONDS (environment, default 5) more.
function(weir_fuzzer name)
  if(NOT WEIR_BUILD_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_test(NAME ${name} COMMAND ${CMAKE_SOURCE_DIR}/tests/fuzz/run_fuzzer.sh $<TARGET_FILE:${name}>
                                ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_CORPUS})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()
