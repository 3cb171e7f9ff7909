# Writes OUTPUT from INPUT with version and commit, only when they changed: run at each build, costs one git call.
# cmake -DINPUT= -DOUTPUT= -DSOURCE= -DLONGSHORE_VERSION= [-DLONGSHORE_COMMIT=] -P build_info.cmake
if(NOT LONGSHORE_COMMIT)
  # safe.directory: a build by root in somebody's checkout is usual for tests and packages.
  execute_process(
    COMMAND git -c "safe.directory=*" -C "${SOURCE}" describe --always --dirty --abbrev=12 "--exclude=*"
    OUTPUT_VARIABLE LONGSHORE_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE result)
  if(NOT result EQUAL 0 OR NOT LONGSHORE_COMMIT)
    set(LONGSHORE_COMMIT "unknown")
  endif()
endif()
configure_file("${INPUT}" "${OUTPUT}" @ONLY)
