#include <cstdio>
#include <hedgerow.h>
#include <hedgerow/hedgerow.hpp>

int main() {
    hedgerow_greeks greeks;
    hedgerow_black_greeks(hedgerow::sign(hedgerow::Right::call), 100, 110, 0.5, 0.25, 0.97, &greeks);
    std::printf("%.6f %.6f\n", greeks.price, greeks.delta);
}
