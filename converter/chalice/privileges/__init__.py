"""
What a function may do when it may do only what its own code does.

`reach` finds the code, `objects` the AWS clients and resources in it, `actions` what a call of one is allowed
by, and `statements` puts it together.
"""
