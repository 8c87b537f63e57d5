"""Tracing: which events a number is made of, and what an event rests on or bears.

    adding      `trace SUBJECT FIGURE`: the events of a figure, each with what it adds
    gathering   figures over many subjects: the parts of each
    owed        what a contract owes, by the days that the law counts; `dated` asks it
    acts        what a key signed
    units       a person's units of service
    made, means figures that are no sum, and what they are made of
    references  which field of which event names what earlier event
    graph       `trace EVENT`: the events above and below one
    covering    which visits a claim covers

Everything is read from the history as it is stored; whether that is what the law makes of what
was signed is for `verify`. Import from the modules; this package imports nothing.
"""
