#include <hedgerow.h>
#include <stdio.h>

int main(void) {
    hedgerow_greeks greeks;
    hedgerow_black_greeks(+1, 100, 110, 0.5, 0.25, 0.97, &greeks);
    printf("%.6f %.6f\n", greeks.price, greeks.delta);
    return 0;
}
