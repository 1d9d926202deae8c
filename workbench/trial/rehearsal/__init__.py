"""A delivery taken through the rooms of the receiver on this machine, with what each of them found.

    report          what was found, as values
    causes          what is wrong, each under a stable code, with what to do about it
    proving         who sent it: headers, time, signature
    signatures      why a signature does not fit
    credentials     why a secret that travels with the delivery is another
    tokens          what a token says; token_causes: where it is and who signed it
    stored_secrets  what is wrong with the stored secret itself
    unexplained     what to say if nothing explains a signature
    shapes          why a body is not read
    reading         what is asked: filters and fields, each with its expression, its value and how to fix it
    comparisons     why a comparison is false although its sides look alike
    play            all of it, in the order of the receiver, whose own verdict is the last line

Nothing is sent, stored or fetched. What is secret is in no finding.
"""
