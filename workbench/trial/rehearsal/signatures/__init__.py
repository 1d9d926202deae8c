"""Why a signature does not fit: usual mistakes, tried alone and in pairs. What makes it fit is proven, not guessed.

alphabets   how a signature is written: hexadecimal digits, base64 and their variants
places      every text in the headers that could be a signature, a timestamp or an id
keys        what a stored secret may have been meant to be, as keys
bodies      the body as it may have been before it was saved
addresses   the address as the sender may have it
messages    what may have been signed: template, timestamp, address and body together
search      all of it against the signatures of a delivery
"""
