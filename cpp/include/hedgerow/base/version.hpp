/// The one version number of the project: CMake, setup.py and build_config() read it here.
#pragma once

#define HEDGEROW_VERSION "0.1.0"
