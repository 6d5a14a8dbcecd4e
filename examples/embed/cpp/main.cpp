#include <cstdio>
#include <hedgerow/hedgerow.hpp>

int main() {
    using namespace hedgerow;
    const Greeks greeks = black_greeks(Right::call, 100, 110, 0.5, 0.25, 0.97);
    std::printf("%.6f %.6f\n", greeks.price, greeks.delta);
}
