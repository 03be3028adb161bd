# nonlin_add_functors(TARGET HEADER FILE FUNCTORS NAME... [TYPES float double])
#
# Compiles the functors of a header for every instruction set, for nonlin::map (nonlin/map.h). The
# target is there already, and may come from another folder; it is linked with nonlin::nonlin,
# nonlin::static or nonlin::shared, as every program that uses nonlin.
cmake_policy(VERSION 3.21)
function(nonlin_add_functors target)
    include(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/nonlinIsas.cmake)
    cmake_parse_arguments(PARSE_ARGV 1 given "" "HEADER" "FUNCTORS;TYPES")
    if(NOT given_HEADER OR NOT given_FUNCTORS)
        message(FATAL_ERROR "nonlin_add_functors(${target}): HEADER and FUNCTORS are needed")
    endif()
    if(NOT given_TYPES)
        set(given_TYPES float double)
    endif()
    foreach(type IN LISTS given_TYPES)
        if(NOT type MATCHES "^(float|double)$")
            message(FATAL_ERROR "nonlin_add_functors(${target}): TYPES are float and double, not ${type}")
        endif()
    endforeach()
    set(kind "")
    set(alias_of "")
    if(TARGET ${target})
        get_target_property(kind ${target} TYPE)
        get_target_property(alias_of ${target} ALIASED_TARGET)
    endif()
    if(alias_of OR NOT kind MATCHES "EXECUTABLE|STATIC|SHARED|MODULE|OBJECT")
        message(FATAL_ERROR "nonlin_add_functors(${target}): ${target} is no program or library "
                "that is compiled; call this after add_executable or add_library")
    endif()
    cmake_path(ABSOLUTE_PATH given_HEADER BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    get_source_file_property(generated ${given_HEADER} GENERATED)
    if(NOT EXISTS ${given_HEADER} AND NOT generated)
        message(FATAL_ERROR "nonlin_add_functors(${target}): there is no ${given_HEADER}")
    endif()
    cmake_path(GET given_HEADER STEM stem)
    foreach(isa IN LISTS NONLIN_ISAS)
        set(text "#define NONLIN_ISA ${isa}\n#include ${NONLIN_PACK_${isa}}\n")
        string(APPEND text "#include <nonlin/cpp/map.inl>\n#include \"${given_HEADER}\"\n\n")
        foreach(functor IN LISTS given_FUNCTORS)
            foreach(type IN LISTS given_TYPES)
                string(APPEND text "template void nonlin::${isa}::map_kernel<${functor}, ${type}>("
                       "const void*, const void* const*, void*, size_t);\n")
            endforeach()
        endforeach()
        string(MD5 hash "${text}")
        string(SUBSTRING ${hash} 0 8 hash)
        set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_${stem}_${isa}_${hash}.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)
        # Headers of C++'s library have inline functions, of which the linker would take these, with
        # AVX instructions, for the whole program. So has a precompiled header, and that was not
        # compiled with these flags. Loops of vectors need an optimiser.
        set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES
            COMPILE_OPTIONS "-nostdinc++;$<$<CONFIG:>:-O2>;${NONLIN_FLAGS_${isa}};${NONLIN_IEEE_FLAGS}"
            SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
        target_sources(${target} PRIVATE ${source})
    endforeach()
endfunction()
