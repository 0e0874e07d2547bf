# One interface target carries what every translation unit of ours is compiled with.
add_library(sennit_flags INTERFACE)
target_compile_options(sennit_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual $<$<BOOL:${SENNIT_WERROR}>:-Werror>)
if(SENNIT_SANITIZE)
  target_compile_options(sennit_flags INTERFACE -fsanitize=${SENNIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(sennit_flags INTERFACE -fsanitize=${SENNIT_SANITIZE})
  if(SENNIT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc 12 warns that it cannot instrument the fences of Asio's header-only queues (their users hold locks), and takes
    # its own instrumented string operations for overflows.
    target_compile_options(sennit_flags INTERFACE -Wno-tsan -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
endif()
if(SENNIT_COVERAGE)
  target_compile_options(sennit_flags INTERFACE --coverage -fprofile-abs-path)
  target_link_options(sennit_flags INTERFACE --coverage)
endif()
