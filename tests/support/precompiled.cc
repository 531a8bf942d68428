// The target that tests take their precompiled googletest from needs a source.
