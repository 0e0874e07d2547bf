// Only here so that the headers that every test includes can be precompiled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
