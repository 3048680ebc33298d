# Language, warnings and hardening for every target.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(MGK_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=; their worker runs the debug sandbox profile")
option(MGK_COVERAGE "Build for gcov" OFF)
option(MGK_FUZZ "Build the libFuzzer targets (clang)" OFF)

add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wundef -Wvla
                    -Wimplicit-fallthrough -Wswitch-enum -Wconversion -Wno-sign-conversion)
add_compile_definitions(_GNU_SOURCE GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74 GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74
                        MGK_VERSION="${PROJECT_VERSION}")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
if(MGK_SANITIZE)
  add_compile_options(-fsanitize=${MGK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${MGK_SANITIZE})
  add_compile_definitions(MGK_DEBUG_SANDBOX=1)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
add_compile_options(-fstack-protector-strong -fstack-clash-protection)
add_link_options(-Wl,-z,relro,-z,now)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
if(MGK_FUZZ) # tests/fuzz; without it the same targets replay their inputs
  # the warnings are those that clang alone sees, in GLib's and check's macros and in SCMP_A0
  add_compile_options(-fsanitize=fuzzer-no-link -O1 -Wno-cast-qual -Wno-missing-field-initializers -Wno-string-concatenation)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
if(MGK_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

find_package(PkgConfig REQUIRED)
