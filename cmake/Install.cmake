# What `cmake --install` puts where: program, man pages, example configurations, systemd units,
# and the folder /etc/sennit.
install(TARGETS sennit RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})

file(GLOB sennit_man1 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.1)
file(GLOB sennit_man5 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.5)
install(FILES ${sennit_man1} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${sennit_man5} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)

file(GLOB sennit_examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/conf/*.example.toml)
install(FILES ${sennit_examples} ${PROJECT_SOURCE_DIR}/conf/profiles.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sennit/examples)

# The units name the program's installed place.
set(sennit_program ${CMAKE_INSTALL_FULL_SBINDIR}/sennit)
foreach(unit sennit-client@.service sennit-gateway@.service)
  configure_file(${PROJECT_SOURCE_DIR}/conf/${unit} ${PROJECT_BINARY_DIR}/conf/${unit} @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/conf/${unit} DESTINATION lib/systemd/system)
endforeach()

# The folder for configurations and keys, closed to everybody but root; one that exists is left as it is. The
# units look in /etc, under a prefix of /usr/local too. Asked at installation, since --prefix may differ.
install(CODE [[
  if(CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?/?$")
    set(folder $ENV{DESTDIR}/etc/sennit)
  else()
    set(folder $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/etc/sennit)
  endif()
  if(NOT EXISTS ${folder})
    message(STATUS "Installing: ${folder}")
    file(MAKE_DIRECTORY ${folder})
    file(CHMOD ${folder} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
  endif()
]])
