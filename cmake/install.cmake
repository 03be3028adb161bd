# What `cmake --install` and the wheel bring: headers, the library, and how CMake and pkg-config find
# them. In a wheel all of it lies in the package, whose module uses the same library.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/nonlin)
set(libraries nonlin_shared)
if(NOT NONLIN_IN_WHEEL)
    list(APPEND libraries nonlin_static)
    # Before 1.0 each minor version has an interface of its own; that of the CMake package says so too.
    set_target_properties(nonlin_shared PROPERTIES
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
endif()
if(NONLIN_CUDA AND NOT NONLIN_IN_WHEEL)
    list(APPEND libraries nonlin_cuda)
    set_target_properties(nonlin_cuda PROPERTIES EXPORT_NAME cuda)
    install(DIRECTORY cuda/include/nonlin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
set_target_properties(nonlin_shared PROPERTIES EXPORT_NAME shared)
set_target_properties(nonlin_static PROPERTIES EXPORT_NAME static)
set_target_properties(nonlin_headers PROPERTIES EXPORT_NAME headers)

install(TARGETS ${libraries} nonlin_headers EXPORT nonlinTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT nonlinTargets NAMESPACE nonlin:: DESTINATION ${package})

foreach(folder src/nonlin cpp/include/nonlin)
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/cpp/include/nonlin/nonlin.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nonlin)
install(DIRECTORY cpp/pack DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nonlin/cpp)
install(FILES cpp/map.inl DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nonlin/cpp)

configure_package_config_file(cmake/nonlinConfig.cmake.in nonlinConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(nonlinConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/nonlinFunctors.cmake cmake/nonlinIsas.cmake
              ${PROJECT_BINARY_DIR}/nonlinConfig.cmake
              ${PROJECT_BINARY_DIR}/nonlinConfigVersion.cmake DESTINATION ${package})

if(NOT NONLIN_IN_WHEEL)
    install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/nonlin)
    # From the file to the prefix, so that what is installed can be moved.
    set(pc_prefix ${CMAKE_INSTALL_PREFIX})
    if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
        file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
        string(PREPEND pc_prefix "\${pcfiledir}/")
    endif()
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY "\${prefix}" OUTPUT_VARIABLE pc_libdir)
    configure_file(cmake/nonlin.pc.in nonlin.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/nonlin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
