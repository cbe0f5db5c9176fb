"""document -> passages -> mentions -> claims -> RDF"""
