"""A delivery taken through the rooms of the receiver on this machine, with what each of them found.

    report    what was found, as values
    proving   who sent it: headers, time, signature; and why a signature does not fit
    reading   what is asked: filters and fields, each with its expression, its value and how to mend it
    play      all of it, in the order of the receiver, whose own verdict stands at the end

Nothing is sent, stored or fetched. What is secret is in no finding.
"""
