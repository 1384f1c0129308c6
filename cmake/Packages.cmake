# SPDX-License-Identifier: MIT
#
# Debian packages by `cpack` (deploy/deb.sh): cli has what all need, the user
# and the settings; api, events too; worker. Only for the preset `package`.
set(CPACK_GENERATOR DEB)
# Who builds them answers for them, by the variables of Debian's own tools. If
# nobody says so: a name that is nobody's (RFC 2606, 2).
set(maintainer "The Postrider authors")
set(address "nobody@postrider.invalid")
if(NOT "$ENV{DEBFULLNAME}" STREQUAL "")
  set(maintainer "$ENV{DEBFULLNAME}")
endif()
if(NOT "$ENV{DEBEMAIL}" STREQUAL "")
  set(address "$ENV{DEBEMAIL}")
endif()
set(CPACK_PACKAGE_CONTACT "${maintainer} <${address}>")
set(CPACK_PACKAGE_VENDOR "Postrider")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "distributed e-mail sender")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL api worker cli)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(folder ${PROJECT_SOURCE_DIR}/deploy/debian)
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  file(GLOB scripts CONFIGURE_DEPENDS ${folder}/${component}.*)
  set(extra)
  foreach(script IN LISTS scripts)
    get_filename_component(name ${script} LAST_EXT)
    string(SUBSTRING ${name} 1 -1 name)
    set(copy ${PROJECT_BINARY_DIR}/debian/${component}/${name})
    configure_file(${script} ${copy} COPYONLY)
    list(APPEND extra ${copy})
  endforeach()
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME postrider-${component})
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA ${extra})
  set(common "postrider-cli (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${common}, systemd")

  # Each has its licence and its changelog, as Debian wants them.
  set(doc share/doc/postrider-${component})
  install(FILES LICENSE DESTINATION ${doc} RENAME copyright
    COMPONENT ${component}
  )
  install(FILES ${PROJECT_BINARY_DIR}/debian/changelog.gz
    DESTINATION ${doc} COMPONENT ${component}
  )
endforeach()
configure_file(${folder}/changelog.in ${PROJECT_BINARY_DIR}/debian/changelog)
execute_process(COMMAND_ERROR_IS_FATAL ANY
  COMMAND gzip -9nf ${PROJECT_BINARY_DIR}/debian/changelog
)

set(CPACK_DEBIAN_CLI_PACKAGE_DEPENDS
  "systemd | systemd-standalone-sysusers | systemd-sysusers"
)
set(CPACK_DEBIAN_API_PACKAGE_RECOMMENDS
  "lighttpd | nginx | apache2, redis-server, rabbitmq-server"
)
set(CPACK_DEBIAN_API_DESCRIPTION
"Takes mails over HTTP (FastCGI behind a web server), keeps them in Redis and
queues them in RabbitMQ; tells what becomes of them as it happens."
)
set(CPACK_DEBIAN_WORKER_DESCRIPTION
"Consumes the mail queue and hands each mail to the SMTP relay there is; tries
again what the relay puts off. Any number of them run on any number of hosts."
)
set(CPACK_DEBIAN_CLI_DESCRIPTION
"The operator's command postrider, and the user and the settings that the API
and the workers share."
)
install(FILES deploy/postrider.env DESTINATION /etc/postrider COMPONENT cli)
install(FILES deploy/lighttpd/50-postrider.conf
  DESTINATION /etc/lighttpd/conf-available COMPONENT api
)
include(CPack)
