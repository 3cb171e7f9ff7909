# The libraries of common/packaging/dependencies.txt, as targets.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
if(BUILD_TESTING)
  # The tests' independent client and server; the executable does not use it (common/main/README.md).
  pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
endif()
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
# The archive: pkg-config names the shared library. It uses libm and threads.
find_library(SQLITE_ARCHIVE NAMES libsqlite3.a REQUIRED)
set_target_properties(PkgConfig::SQLITE PROPERTIES INTERFACE_LINK_LIBRARIES "${SQLITE_ARCHIVE};Threads::Threads;m")

pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
# The archive, for the same reason; it needs nothing else.
find_library(NGHTTP2_ARCHIVE NAMES libnghttp2.a REQUIRED)
set_target_properties(PkgConfig::NGHTTP2 PROPERTIES INTERFACE_LINK_LIBRARIES "${NGHTTP2_ARCHIVE}")

# Header-only Asio and Beast; one definition of the options for every user.
add_library(longshore_asio INTERFACE)
add_library(longshore::asio ALIAS longshore_asio)
target_link_libraries(longshore_asio INTERFACE Boost::headers Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
target_compile_definitions(longshore_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_REGEX)

# Header-only fmt and spdlog: no shared library to ship, and only what is used is linked.
add_library(longshore_fmt INTERFACE)
add_library(longshore::fmt ALIAS longshore_fmt)
target_link_libraries(longshore_fmt INTERFACE fmt::fmt-header-only)
